-- SPDX-License-Identifier: Apache-2.0
-- Orders of before asked for no reliability; a quote within a JSON string has a backslash before it.
update buyer_order set spec = replace(spec, '"waitSecondsMax":', '"reliability":0.0,"waitSecondsMax":');

-- In which hours of the week a computer was seen to be there: two hexadecimal digits each.
create table presence (
    seller char(40) primary key references seller (id),
    shares char(336) not null
);

create index lease_by_seller on lease (seller, created);

-- Whom an account blocks or allows, when it buys or when it sells.
create table rule (
    account varchar(16) not null references account (id),
    side varchar(7) not null,
    subject varchar(40) not null,
    kind varchar(5) not null,
    created bigint not null,
    primary key (account, side, subject)
);

create index rule_by_subject on rule (side, subject);
