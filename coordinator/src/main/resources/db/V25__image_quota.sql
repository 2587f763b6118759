-- SPDX-License-Identifier: Apache-2.0
-- How long each chunk is, and how much of the images' disk an account takes: each chunk that it sent
-- or has in an image counts once. What was there before counts as nothing.
alter table chunk_upload add column bytes bigint not null default 0;
alter table image_chunk add column bytes bigint not null default 0;
alter table account add column image_bytes bigint not null default 0;
