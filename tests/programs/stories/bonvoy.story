# A hotel group: points by brand, levels by nights. A line is a room, and its quantity the
# nights. Transfers between members are told as points taken and given.

program  bonvoy

2025-02-10        join                                                       | 0      tier=member
2025-03-03        order 2  2x$200.00@courtyard  channel=direct               | 4000   base=4000 bonus-10=TIER nights=2 gathered=2
2025-04-18        order 3  8x$120.00@residence_inn  channel=direct           | 8800   base-long-stay=4800 bonus-10=TIER gathered=10 tier=silver until=2027-03-01
2025-05-07        order 4  2x$150.00@sheraton  channel=direct                | 12100  base=3000 bonus-10=300 gathered=12
# Booked through a travel agency: neither points nor nights.
2025-06-02        order 5  $250.00@sheraton  channel=expedia                 | 12100  base=CHANNEL bonus-10=NOTHING_TO_SHARE nights=CHANNEL gathered=12
# Three rooms, five nights: all three earn, one counts its nights.
2025-07-09        order 6  5x$250.00@westin 5x$250.00@westin 5x$250.00@westin  channel=direct  | 53350  base=37500 bonus-10=3750 nights=5 gathered=17
2025-08-09        order 7  8x$100.00@moxy  channel=direct                    | 62150  base=8000 bonus-10=800 gathered=25 tier=gold until=2027-03-01
2025-09-03        order 8  2x$250.00@apartments  channel=direct              | 65775  base-long-stay=2500 bonus-25=625 welcome=500 gathered=27
2025-09-20        take S9  20000  reason=sent-to-spouse                      | 45775
# A donation is a redemption, so it keeps the points alive.
2025-10-01        redeem D10  10000  reward=charity                          | 35775
# What a spouse sends does not.
2026-05-01        give S11  5000  reason=received-from-spouse                | 40775  gathered=0 tier=gold
2027-02-28T23:59  -                                                          | 40775  tier=gold
2027-03-01T00:00  -                                                          | 40775  tier=member
2027-09-30        -                                                          | 40775
2027-10-01        -                                                          | 0
