-- SPDX-License-Identifier: Apache-2.0
-- What the parties of a lease say of each other: the buyer once, the seller once.
create table rating (
    lease varchar(15) not null references lease (id),
    side varchar(6) not null,
    rater varchar(16) not null references account (id),
    good integer not null,
    at bigint not null,
    primary key (lease, side)
);

-- Computers that the operator took off the market.
create table suspension (
    seller char(40) primary key references seller (id),
    reason varchar(500) not null,
    since bigint not null
);

-- What sellers asked to be paid out.
create table payout (
    id varchar(16) primary key,
    account varchar(16) not null references account (id),
    amount bigint not null,
    destination varchar(100) not null,
    state varchar(8) not null,
    created bigint not null
);

create index payout_by_account on payout (account, created);

-- What buyers say was not delivered.
create table dispute (
    lease varchar(15) primary key references lease (id),
    buyer varchar(16) not null references account (id),
    owner varchar(16) not null references account (id),
    reason varchar(500) not null,
    reserved bigint not null,
    state varchar(8) not null,
    refunded bigint not null,
    created bigint not null
);

create index dispute_by_buyer on dispute (buyer, created);
create index dispute_by_owner on dispute (owner, created);
