-- Sessions that are over go with time, whoever's they are, also when nobody comes back.

-- open: member_sessions to housekeeping for select, delete
CREATE INDEX member_sessions_by_end ON member_sessions (expires_at);

-- open: account_sessions to housekeeping for select, delete
CREATE INDEX account_sessions_by_end ON account_sessions (expires_at);
