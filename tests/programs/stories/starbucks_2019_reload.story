# Loading money is no purchase, and says so. starbucks_2019.story tells the whole
# life, with the load as a line of an order.

program  starbucks_2019

2025-01-10   join                                            | 0
2025-02-03   order 3  $15.00  paid=preloaded:$10.00,credit:$5.00  | 25   preloaded=20 other=5
2025-03-20   activity 4  reload  amount=$50.00               | 25   note=EXCLUDED_RELOAD
