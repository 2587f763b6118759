-- SPDX-License-Identifier: Apache-2.0
-- Common to SQLite and PostgreSQL. Times are milliseconds since 1970, amounts billionths.

create table account (
    id varchar(16) primary key,
    email varchar(254) not null unique,
    password text not null,
    image_key text not null,
    created bigint not null
);

create table login (
    token_hash char(64) primary key,
    account varchar(16) not null references account (id),
    created bigint not null,
    expires bigint not null
);

create table join_token (
    secret_hash char(64) primary key,
    account varchar(16) not null references account (id),
    expires bigint not null,
    seller varchar(40) not null
);

create table seller (
    id char(40) primary key,
    account varchar(16) not null references account (id),
    enrolled bigint not null
);

create table image (
    id char(64) not null,
    account varchar(16) not null references account (id),
    name varchar(64) not null,
    size_bytes bigint not null,
    chunks integer not null,
    image_key text not null,
    manifest text not null,
    created bigint not null,
    primary key (id, account)
);

create table image_chunk (
    image char(64) not null,
    account varchar(16) not null,
    position integer not null,
    sha256 char(64) not null,
    primary key (image, account, position),
    foreign key (image, account) references image (id, account)
);

create index image_chunk_by_digest on image_chunk (sha256, account);

-- Chunks that an account sent and that no image of its names yet.
create table chunk_upload (
    account varchar(16) not null references account (id),
    sha256 char(64) not null,
    created bigint not null,
    primary key (account, sha256)
);

create table network (
    id varchar(16) primary key,
    account varchar(16) not null references account (id),
    name varchar(32) not null,
    vni integer not null,
    subnet varchar(18) not null,
    machines integer not null,
    version bigint not null,
    live integer not null
);

create unique index network_name on network (account, name) where live = 1;
create unique index network_vni on network (vni) where live = 1;

create table buyer_order (
    id varchar(16) primary key,
    account varchar(16) not null references account (id),
    network varchar(16) not null references network (id),
    version bigint not null,
    image char(64) not null,
    spec text not null,
    cost_max bigint not null,
    state varchar(10) not null,
    created bigint not null
);

create index buyer_order_by_account on buyer_order (account, created);

create table lease (
    id varchar(15) primary key,
    buyer_order varchar(16) not null references buyer_order (id),
    host_rank integer not null,
    slot varchar(43) not null,
    seller char(40) not null references seller (id),
    seller_name varchar(40) not null,
    acceleration varchar(10) not null,
    price_per_hour bigint not null,
    seconds_max bigint not null,
    state varchar(10) not null,
    phase varchar(10) not null,
    progress_done bigint not null,
    progress_total bigint not null,
    since bigint not null,
    reason varchar(12) not null,
    detail text not null,
    run_millis bigint not null,
    cpu_nanos bigint not null,
    received_bytes bigint not null,
    sent_bytes bigint not null,
    billable_millis bigint not null,
    meter_started bigint not null,
    meter_accepted bigint not null,
    settled_seconds bigint not null,
    settled_at bigint not null,
    charged bigint not null,
    created bigint not null
);

-- The final arbiter: no slot is ever sold twice.
create unique index lease_one_per_slot on lease (slot)
    where state in ('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING', 'STOPPING');
create index lease_by_order on lease (buyer_order, host_rank);
create index lease_live on lease (seller)
    where state in ('RESERVED', 'OFFERED', 'ACCEPTED', 'STARTING', 'RUNNING', 'STOPPING');

create table lease_event (
    lease varchar(15) not null references lease (id),
    number integer not null,
    at bigint not null,
    state varchar(10) not null,
    detail text not null,
    primary key (lease, number)
);

create table console_text (
    lease varchar(15) primary key references lease (id),
    start_offset bigint not null,
    content text not null
);

create table member (
    id varchar(16) primary key,
    network varchar(16) not null references network (id),
    lease varchar(15) not null,
    kind varchar(8) not null,
    name varchar(63) not null,
    public_key varchar(44) not null,
    host_number integer not null,
    endpoints text not null,
    unique (network, name),
    unique (network, public_key),
    unique (network, host_number)
);

create index member_by_lease on member (lease);

create table ledger_book (
    id varchar(40) primary key,
    kind varchar(20) not null,
    owner varchar(16) not null,
    balance bigint not null,
    check (balance >= 0 or kind = 'PSP_CLEARING')
);

create index ledger_book_by_owner on ledger_book (owner);

create table ledger_transfer (
    id char(32) primary key,
    number bigint not null unique,
    at bigint not null,
    kind varchar(12) not null,
    reference varchar(20) not null,
    debit varchar(40) not null references ledger_book (id),
    credit varchar(40) not null references ledger_book (id),
    amount bigint not null check (amount > 0),
    debit_balance bigint not null,
    credit_balance bigint not null
);

create index ledger_transfer_by_debit on ledger_transfer (debit, number);
create index ledger_transfer_by_credit on ledger_transfer (credit, number);

create table deposit (
    id varchar(16) primary key,
    account varchar(16) not null references account (id),
    provider varchar(32) not null,
    state varchar(10) not null,
    amount bigint not null,
    commission bigint not null,
    pay_at text not null,
    created bigint not null
);

create table idempotency (
    account varchar(16) not null references account (id),
    idempotency_key varchar(100) not null,
    request_hash char(64) not null,
    answer varchar(64) not null,
    created bigint not null,
    primary key (account, idempotency_key)
);
