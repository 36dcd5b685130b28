# A furniture shop in Britain: purchases, and a workshop given by hand.

program  ikea_gb

2026-01-01        join                                                 | 0
2026-01-02        @bo  join                                            | 0
2026-01-02        @bo  order A  £23.50                                 | 4
2026-01-02        @bo  order B  £4.99                                  | 4     purchase=BELOW_STEP

2026-01-03        order C  £612.40                                     | 122   lots=2027-07-03:122
2026-01-04        give W  20  reason=workshop                          | 142
2026-01-05        redeem S  125  reward=ten-pounds                     | 17    worth=£10.00

# Soonest expiry first: what is left is of the workshop.
2027-07-03        -                                                    | 17    lots=2027-07-04:17
2027-07-04        -                                                    | 0
