# A furniture shop in Britain: workshops, once a week.

program  ikea_gb

2026-01-01   join                                                | 0
2026-01-03   order C  £612.40                                    | 122
2026-01-06   activity W1  workshop_attended                      | 142   workshop=20
2026-01-08   activity W2  workshop_attended                      | 142   workshop=WEEKLY_CAP
# Registered, and absent.
2026-01-13   activity W3  workshop_registered                    | 142   note=EXCLUDED_WORKSHOP_REGISTERED
2026-01-14   redeem S  125  reward=ten-pounds                    | 17
