-- SPDX-License-Identifier: Apache-2.0
-- Traffic that is paid for: what each member of a network exchanged with each other one, as it
-- counted itself. Forgotten when the order is closed.
create table traffic (
    network varchar(16) not null references network (id),
    reporter varchar(16) not null,
    peer varchar(16) not null,
    lease varchar(15) not null,
    since bigint not null,
    sent_before bigint not null,
    received_before bigint not null,
    sent bigint not null,
    received bigint not null,
    primary key (network, reporter, peer)
);

create index traffic_by_lease on traffic (lease) where lease <> '';

alter table network add column metered integer not null default 0;

alter table lease add column network_fee bigint not null default 0;
alter table lease add column traffic_max bigint not null default 0;
alter table lease add column traffic_counted bigint not null default 0;
alter table lease add column traffic_agreed bigint not null default 0;
alter table lease add column traffic_settled bigint not null default 0;
alter table lease add column traffic_charged bigint not null default 0;

-- Orders of before wanted none; their records are JSON objects that are never empty.
update buyer_order set spec = substr(spec, 1, length(spec) - 1) || ',"trafficMegabytes":0}';
