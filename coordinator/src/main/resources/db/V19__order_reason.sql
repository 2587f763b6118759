-- SPDX-License-Identifier: Apache-2.0
-- Why an order ended, for its buyer to read; nobody noted it for those of before.
alter table buyer_order add column reason text not null default '';
