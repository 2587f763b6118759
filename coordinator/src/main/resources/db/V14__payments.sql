-- SPDX-License-Identifier: Apache-2.0
-- What payments are called by their providers, and what of them went back and came again. Amounts
-- only grow, but for lost: what the operator lost by a payment that went back.
alter table deposit add column reference varchar(255) not null default '';
alter table deposit add column refunded bigint not null default 0;
alter table deposit add column disputed bigint not null default 0;
alter table deposit add column reinstated bigint not null default 0;
alter table deposit add column lost bigint not null default 0;

-- When the provider is asked next how the payment stands, in milliseconds since 1970.
alter table deposit add column next_look bigint not null default 0;

create index deposit_by_look on deposit (provider, next_look);
create index deposit_by_account on deposit (account, created);

-- Which provider was told to pay a payout, if one was: it may have done so.
alter table payout add column provider varchar(32) not null default '';
