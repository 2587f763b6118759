-- SPDX-License-Identifier: Apache-2.0
-- Orders of before had no placement; their records are JSON objects that are never empty.
update buyer_order set spec = substr(spec, 1, length(spec) - 1)
    || ',"placement":{"perCountryMax":0,"perHardwareMax":0,"perOwnerMax":0,"firm":false,"waitSecondsMax":0}}';
