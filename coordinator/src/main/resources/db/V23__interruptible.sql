-- SPDX-License-Identifier: Apache-2.0
-- Interruptible orders. Those of before are not: nobody displaces their machines. A quote within a
-- JSON string has a backslash before it.
update buyer_order set spec = replace(spec, '"startAfterSeconds":', '"interruptible":false,"startAfterSeconds":');
alter table buyer_order add column interruptible integer not null default 0;

-- Machines that were told when they end, as an order that waits is to get their slots; the slots
-- are kept for it until it starts or is closed.
create table displacement (
    lease varchar(15) primary key references lease (id),
    slot varchar(43) not null,
    claimant varchar(16) not null references buyer_order (id),
    ends_at bigint not null
);

create index displacement_by_claimant on displacement (claimant);

-- Machines that were displaced and are sought anew: for how many seconds, and until when.
create table sought (
    buyer_order varchar(16) not null references buyer_order (id),
    host_rank integer not null,
    seconds bigint not null,
    until_at bigint not null,
    primary key (buyer_order, host_rank)
);
