# The founding sentence of a clothes shop: by its card, on its own brand, a point for each
# full five dollars.

program  gap_seed

2026-01-01        join                                        | 0
2026-01-02        order A  $23.00@gap  paid=gap_card:$23.00   | 4
2026-01-02        order B  $4.99@gap   paid=gap_card:$4.99    | 4    sentence=BELOW_STEP
2026-01-02        order C  $7.00@gap   paid=gap_card:$7.00    | 5    sentence=1
