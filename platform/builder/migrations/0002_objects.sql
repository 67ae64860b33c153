-- The sweep of stored files asks every row that names one, whoever's it is.

-- open: logos to objects for select
-- open: brand_versions to objects for select
-- open: releases to objects for select
