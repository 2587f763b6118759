-- SPDX-License-Identifier: Apache-2.0
-- Orders of before had no query; their records are JSON objects that are never empty.
update buyer_order set spec = substr(spec, 1, length(spec) - 1) || ',"where":""}';
