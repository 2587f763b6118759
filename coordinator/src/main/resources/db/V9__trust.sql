-- SPDX-License-Identifier: Apache-2.0
-- What a seller's TPM is by its certificate, once it opened our challenge.
create table seller_tpm (
    seller char(40) primary key references seller (id),
    key_digest char(64) not null unique,
    manufacturer varchar(16) not null,
    model varchar(128) not null,
    firmware varchar(64) not null,
    vendor integer not null,
    level integer not null,
    proved bigint not null
);

-- What agents told buyers of their machines, evidence among it, as CBOR in base64.
create table trust_answer (
    lease varchar(15) not null references lease (id),
    number bigint not null,
    answer text not null,
    primary key (lease, number)
);

-- Leases whose buyer sent the word that lets his machine run; before it nothing is billed.
create table trust_admission (
    lease varchar(15) primary key references lease (id)
);
