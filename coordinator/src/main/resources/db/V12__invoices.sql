-- SPDX-License-Identifier: Apache-2.0
-- What the operator confirmed in writing about payments. Rows are only ever added, and numbers have
-- no gaps.
create table invoice (
    number bigint primary key,
    deposit varchar(16) not null unique,
    account varchar(16) not null references account (id),
    issued bigint not null,
    paid bigint not null,
    issuer text not null,
    recipient text not null,
    amount bigint not null,
    commission bigint not null
);

create index invoice_by_account on invoice (account, number);
