-- SPDX-License-Identifier: Apache-2.0
-- What members of a network exchanged without a relay, as each counted itself, and what of it was
-- looked at already for the reporter.
alter table traffic add column direct_sent_before bigint not null default 0;
alter table traffic add column direct_received_before bigint not null default 0;
alter table traffic add column direct_sent bigint not null default 0;
alter table traffic add column direct_received bigint not null default 0;
alter table traffic add column direct_seen bigint not null default 0;

-- Whether a computer's UDP port is open: the newest knock, how many in a row were not heard, and
-- what is believed.
create table open_port (
    seller char(40) primary key references seller (id),
    knocked bigint not null,
    label bigint not null,
    secret integer not null,
    unheard integer not null,
    is_open integer not null
);

-- Relay bytes that a machine's open port saved, and what was paid for them; what was paid for all
-- orders of an account.
alter table lease add column saved_bytes bigint not null default 0;
alter table lease add column bonus bigint not null default 0;
alter table account add column bonus bigint not null default 0;
