# Two members win the hunt, and when one brings everything back there is room for another.
# The campaign has a hundred points in all.

program  first_to_reach

2026-01-01   @ann  join                         | 0
2026-01-01   @ben  join                         | 0
2026-01-01   @cat  join                         | 0
2026-01-02   @ann  order A  £50.00              | 590   spend=50 campaign=40 hunt=500
2026-01-03   @ben  order B  £60.00              | 600   campaign=40 hunt=500
2026-01-04   @cat  order C  £70.00              | 90    spend=70 campaign=BUDGET_SPENT hunt=BUDGET_SPENT
# What Ann brings back is there for others: her forty points, and her place.
2026-01-05   @ann  refund R  A  all             | 0
2026-01-06   @cat  order D  £10.00              | 640   spend=10 campaign=40 hunt=500
2026-01-07   @ann  order E  £50.00              | 50    campaign=BUDGET_SPENT

# Ben stays away for six months, and comes back within thirty days.
2026-07-03   @ben  -                            | 0
2026-08-01   @ben  order F  £5.00               | 605
2027-02-01   @ben  -                            | 0
2027-03-04   @ben  order G  £5.00               | 5
