# A hotel group: points by brand, levels by nights. Transfers between members
# are told as points taken and given.

program  bonvoy

2025-02-10        join                                                       | 0      tier=member
# Nights are of one room, and the front desk reports them at the check-out.
2025-03-03        order 2  $400.00@courtyard  channel=direct                 | 4000   base=4000 bonus=TIER
2025-03-03        activity N2  night  quantity=2                             | 4000   gathered=2 tier=member
2025-04-18        order 3  $960.00@residence_inn  channel=direct             | 8800   base-long-stay=4800 bonus-long-stay=TIER
2025-04-18        activity N3  night  quantity=8                             | 8800   gathered=10 tier=silver until=2027-03-01
2025-05-07        order 4  $300.00@sheraton  channel=direct                  | 12100  base=3000 bonus=300
2025-05-07        activity N4  night  quantity=2                             | 12100  gathered=12
# Booked through a travel agency: neither points nor nights.
2025-06-02        order 5  $250.00@sheraton  channel=expedia                 | 12100  base=CHANNEL bonus=CHANNEL gathered=12
# Three rooms, five nights: all three earn, one counts its nights.
2025-07-09        order 6  5x$250.00@westin 5x$250.00@westin 5x$250.00@westin  channel=direct  | 53350  base=37500 bonus=3750
2025-07-09        activity N6  night  quantity=5                             | 53350  gathered=17
2025-08-09        order 7  $800.00@moxy  channel=direct                      | 62150  base=8000 bonus=800
2025-08-09        activity N7  night  quantity=8                             | 62150  gathered=25 tier=gold until=2027-03-01
2025-09-03        order 8  $500.00@apartments  channel=direct                | 65775  base-long-stay=2500 bonus-long-stay=625 welcome=500
2025-09-03        activity N8  night  quantity=2                             | 65775  gathered=27
2025-09-20        take S9  20000  reason=sent-to-spouse                      | 45775
# A donation is a redemption, so it keeps the points alive.
2025-10-01        redeem D10  10000  reward=charity                          | 35775
# What a spouse sends does not.
2026-05-01        give S11  5000  reason=received-from-spouse                | 40775  gathered=0 tier=gold
2027-02-28T23:59  -                                                          | 40775  tier=gold
2027-03-01T00:00  -                                                          | 40775  tier=member
2027-09-30        -                                                          | 40775
2027-10-01        -                                                          | 0
