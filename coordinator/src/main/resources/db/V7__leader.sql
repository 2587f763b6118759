-- SPDX-License-Identifier: Apache-2.0
-- Which node may write; the epoch grows with each that takes over. SQLite's file has one node only.
create table market_leader (
    market varchar(16) primary key,
    node varchar(300) not null,
    epoch bigint not null,
    expires bigint not null
);

insert into market_leader (market, node, epoch, expires) values ('main', '', 0, 0);
