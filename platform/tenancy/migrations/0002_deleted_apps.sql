-- A deleted app answers nobody from that moment on; its rows then go slice by slice, this one and its slug last.
ALTER TABLE apps ADD COLUMN deleted_at timestamptz;
