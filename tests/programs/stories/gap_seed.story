# The founding sentence of a clothes shop: by its card, on its own brand, a point for each
# full five dollars.

program  gap_seed

2026-01-01        join                                                     | 0
2026-01-02        order A  $23.00@gap                paid=gap_card:$23.00  | 4
2026-01-02        order B  $4.99@gap                 paid=gap_card:$4.99   | 4    sentence=BELOW_STEP
2026-01-02        order C  $7.00@gap                 paid=gap_card:$7.00   | 5    sentence=1
2026-01-03        order D  $23.00@gap                paid=cash:$23.00      | 5    sentence=TENDER
2026-01-03        order E  $23.00@old_navy           paid=gap_card:$23.00  | 5    sentence=BRAND
2026-01-04T09:30  order F  $12.00@gap $11@old_navy   paid=gap_card:$23.00  | 7    sentence=2

# What comes back is counted again: of $23.00 less $4.00 three full fives are left.
2026-01-10        refund R1  A  $4.00                                      | 6    sentence=3
2026-01-10        refund R2  A  all                                        | 3    sentence=REFUNDED
2026-01-11        refund R2  A  all                                        | 3    replayed
2026-01-11        order A  $99.00@gap                paid=gap_card:$99.00  | KEY_REUSED
