# A maker of dungarees: following counts once for each network, and the steps of money off
# need a basket of some size. What friends bring is given by hand here.

program  lucy_yak

2026-01-01   join                                                     | 0
2026-01-02   order 1  £64.00                                          | 64
2026-01-03   activity F1  follow  subject=instagram                   | 84    follow=20
# Unfollowed, and followed again.
2026-01-05   activity F2  follow  subject=instagram                   | 84    follow=SUBJECT_CAP
2026-02-10   give B  100  reason=friend                               | 184
2026-02-11   order 7  £86.00                                          | 270
2026-02-12   redeem 8  -  reward=twenty-five-pounds basket=£58.00     | MIN_PURCHASE  balance=270
2026-02-12   redeem 9  -  reward=twenty-five-pounds basket=£62.00     | 20    worth=£25.00
2026-02-12   order 9  £62.00  paid=points:£25.00,card:£37.00          | 57    purchase=37
