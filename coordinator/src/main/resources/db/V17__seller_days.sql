-- SPDX-License-Identifier: Apache-2.0
-- What the machines of a computer came to that ran and ended, by the day (UTC, since 1970) on which
-- they were leased: summing up a computer's whole history each time one ends takes ever longer.
create table seller_day (
    seller char(40) not null references seller (id),
    day bigint not null,
    billable_millis bigint not null,
    lost bigint not null,
    primary key (seller, day)
);

insert into seller_day (seller, day, billable_millis, lost)
    select seller, created / 86400000, sum(billable_millis),
        sum(case when reason in ('SELLER', 'FAILED', 'LOST') then 1 else 0 end)
    from lease where phase = 'ON_NETWORK' and state in ('ENDED', 'SETTLED')
    group by seller, created / 86400000;
