-- SPDX-License-Identifier: Apache-2.0
-- The speed of all cores of a leased slot, in thousandths of the reference core; 0 if it isn't known.
alter table lease add column speed bigint not null default 0;

create index lease_by_created on lease (created);

-- What machines cost that were leased within an hour (since 1970, UTC), in billionths.
create table price_hour (
    hour bigint primary key,
    leases bigint not null,
    low bigint not null,
    median bigint not null,
    high bigint not null,
    median_per_core bigint not null
);
