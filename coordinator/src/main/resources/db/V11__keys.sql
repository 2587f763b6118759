-- SPDX-License-Identifier: Apache-2.0
-- Secrets with which programs act for an account, stored as digests. What was spent by a key is
-- what left the wallet by it, less what came back from its orders.
create table api_key (
    id varchar(16) primary key,
    token_hash char(64) not null unique,
    account varchar(16) not null references account (id),
    name varchar(40) not null,
    scopes varchar(40) not null,
    spend_max bigint not null,
    spent bigint not null,
    created bigint not null,
    expires bigint not null,
    revoked integer not null
);

create index api_key_by_account on api_key (account, created);

-- Which orders were placed by which key.
create table api_key_order (
    buyer_order varchar(16) primary key references buyer_order (id),
    api_key varchar(16) not null references api_key (id)
);
