-- SPDX-License-Identifier: Apache-2.0
-- Buyers' disks that outlive their machines. Each lies on one seller's computer; its key is here
-- only within the order that uses it, until that order's machine runs.
create table volume (
    id varchar(16) primary key,
    version bigint not null,
    account varchar(16) not null references account (id),
    name varchar(32) not null,
    gibibytes integer not null,
    seller char(40) not null references seller (id),
    seller_name varchar(40) not null,
    price_per_month bigint not null,
    state varchar(8) not null,
    since bigint not null,
    detail text not null,
    used integer not null,
    lease varchar(15) not null,
    billable_millis bigint not null,
    heard bigint not null,
    settled_seconds bigint not null,
    settled_at bigint not null,
    charged bigint not null,
    created bigint not null
);

create unique index volume_name on volume (account, name)
    where state in ('MAKING', 'KEPT', 'LOST');
create unique index volume_one_lease on volume (lease) where lease <> '';
create index volume_by_account on volume (account, created);
create index volume_by_seller on volume (seller) where state <> 'ENDED';

-- Orders of before had none; their records are JSON objects that are never empty.
update buyer_order set spec = substr(spec, 1, length(spec) - 1) || ',"volume":{"volume":"","key":""}}';
