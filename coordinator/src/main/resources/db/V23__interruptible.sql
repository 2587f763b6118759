-- SPDX-License-Identifier: Apache-2.0
-- Interruptible orders and bookings. Orders of before are neither. A quote within a
-- JSON string has a backslash before it.
update buyer_order set spec = replace(spec, '"startAfterSeconds":', '"interruptible":false,"reserved":false,"startAfterSeconds":');
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

-- Machines that are or were bound to orders for a time to come, and what a seller got because the
-- buyer went back on it.
create table booking (
    buyer_order varchar(16) not null references buyer_order (id),
    host_rank integer not null,
    slot varchar(43) not null,
    seller char(40) not null references seller (id),
    seller_name varchar(40) not null,
    price_per_hour bigint not null,
    network_fee bigint not null,
    begins bigint not null,
    ends bigint not null,
    state varchar(10) not null,
    charged bigint not null,
    primary key (buyer_order, host_rank)
);

create index booking_by_slot on booking (slot, begins) where state = 'BOUND';
