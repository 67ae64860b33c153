-- What the operator allows one partner instead of what the installation allows every partner.
-- root: partner
CREATE TABLE partner_quotas (
    partner uuid NOT NULL,
    quota text NOT NULL CHECK (length(quota) <= 40),
    maximum bigint NOT NULL CHECK (maximum BETWEEN 0 AND 1000000),
    PRIMARY KEY (partner, quota),
    FOREIGN KEY (partner) REFERENCES partners (partner) ON DELETE CASCADE
);
