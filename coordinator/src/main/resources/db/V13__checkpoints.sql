-- SPDX-License-Identifier: Apache-2.0
-- Orders of before asked for no checkpoints; their records are JSON objects that are never empty.
update buyer_order set spec = substr(spec, 1, length(spec) - 1) || ',"checkpoints":{"everySeconds":0,"key":""}}';
