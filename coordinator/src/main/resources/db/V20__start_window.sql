-- SPDX-License-Identifier: Apache-2.0
-- Orders of before start at once; a quote within a JSON string has a backslash before it.
update buyer_order set spec = replace(spec, '"waitSecondsMax":', '"startAfterSeconds":0,"waitSecondsMax":');
