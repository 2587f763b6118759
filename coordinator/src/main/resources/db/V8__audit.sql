-- SPDX-License-Identifier: Apache-2.0
-- Who did what; each entry's seal stands for all before it.
create table audit_entry (
    number bigint primary key,
    at bigint not null,
    actor varchar(100) not null,
    action varchar(30) not null,
    subject varchar(64) not null,
    detail varchar(500) not null,
    seal char(64) not null
);

-- Transfers of before have none; the first one after them seals them all.
alter table ledger_transfer add column seal varchar(64) not null default '';
