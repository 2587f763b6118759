-- SPDX-License-Identifier: Apache-2.0
-- Public keys with which people log in at the SSH gateway. Several accounts may have the same one.
create table ssh_key (
    account varchar(16) not null references account (id),
    fingerprint varchar(50) not null,
    type varchar(40) not null,
    name varchar(100) not null,
    created bigint not null,
    primary key (account, fingerprint)
);

create index ssh_key_by_fingerprint on ssh_key (fingerprint);
