-- The weekly plans of an app's users.

-- root: app
CREATE TABLE meal_plans (
    app uuid NOT NULL,
    plan uuid NOT NULL,
    account uuid NOT NULL,
    diet_type text NOT NULL CHECK (length(diet_type) <= 50),
    calories bigint NOT NULL CHECK (calories BETWEEN 800 AND 5000),
    meal_pattern text NOT NULL CHECK (length(meal_pattern) <= 50),
    restrictions jsonb NOT NULL,
    -- Which of the weeks that fit the same wishes.
    variation bigint NOT NULL CHECK (variation BETWEEN 0 AND 99),
    -- What follows is kept as version 1 of the API says it: a plan stays what it was when data and planner change.
    meal_data jsonb NOT NULL,
    nutritional_totals jsonb NOT NULL,
    shopping_list jsonb NOT NULL,
    generation_duration_s double precision NOT NULL CHECK (generation_duration_s >= 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app, plan),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE,
    FOREIGN KEY (app, account) REFERENCES accounts (app, account) ON DELETE CASCADE
);
CREATE INDEX meal_plans_by_account ON meal_plans (app, account, plan);
