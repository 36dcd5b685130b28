-- Who joined in the same month, and what they did in each month after it: how many placed an
-- order, and by how much their points grew and shrank.
WITH joined AS (
    SELECT program, member, date_trunc('month', min(occurred_at)) AS cohort
    FROM ledger
    WHERE kind = 'enrolled'
    GROUP BY program, member
)
SELECT
    joined.program,
    joined.cohort,
    date_diff('month', joined.cohort, date_trunc('month', ledger.occurred_at)) AS months_later,
    count(DISTINCT CASE WHEN ledger.kind = 'order' THEN ledger.member END) AS ordering,
    sum(CASE WHEN ledger.moved > 0 THEN ledger.moved ELSE 0 END) AS gained,
    sum(CASE WHEN ledger.moved < 0 THEN -ledger.moved ELSE 0 END) AS lost
FROM ledger
JOIN joined ON joined.program = ledger.program AND joined.member = ledger.member
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
