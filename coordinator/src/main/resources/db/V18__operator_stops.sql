-- SPDX-License-Identifier: Apache-2.0
-- Orders and machines that the operator wants ended, until the coordinator that leads has done it.
create table operator_stop (
    what varchar(16) primary key,
    reason varchar(500) not null,
    asked bigint not null
);
