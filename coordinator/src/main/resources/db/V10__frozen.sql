-- SPDX-License-Identifier: Apache-2.0
-- Accounts that the operator shut out: they log in no more and their computers sell nothing.
create table frozen_account (
    account varchar(16) primary key references account (id),
    reason varchar(500) not null,
    since bigint not null
);
