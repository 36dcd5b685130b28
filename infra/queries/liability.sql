-- What members hold at the end of each month in which anything was recorded, as it was booked:
-- points that time makes spendable, or ends, move with the member's next row, which the nightly
-- schedule writes where nobody else does.
WITH steps AS (
    SELECT
        program,
        date_trunc('month', recorded_at) AS month,
        available - coalesce(lag(available) OVER chain, 0) AS available,
        pending - coalesce(lag(pending) OVER chain, 0) AS pending,
        held - coalesce(lag(held) OVER chain, 0) AS held,
        debt - coalesce(lag(debt) OVER chain, 0) AS debt
    FROM ledger
    WINDOW chain AS (PARTITION BY program, member ORDER BY sequence)
),
months AS (
    SELECT
        program,
        month,
        sum(available) AS available,
        sum(pending) AS pending,
        sum(held) AS held,
        sum(debt) AS debt
    FROM steps
    GROUP BY program, month
)
SELECT
    program,
    month,
    sum(available) OVER so_far AS available,
    sum(pending) OVER so_far AS pending,
    sum(held) OVER so_far AS held,
    sum(debt) OVER so_far AS debt,
    sum(available + pending + held - debt) OVER so_far AS balance
FROM months
WINDOW so_far AS (PARTITION BY program ORDER BY month)
ORDER BY program, month;
