# Four tasks of a hundred points, and a hundred more for all of them.

program  sephora_bi

2023-11-15        join                                | 0
2023-11-20        activity T1  pick_up                | 100   four-tasks=100
2023-11-21        activity T2  text_sign_up           | 200   four-tasks=200
2023-12-01        activity T3  add_samples            | 300   four-tasks=300
2023-12-01        activity T3  add_samples            | 300   replayed
# The same task again is no further task.
2023-12-02        activity T5  add_samples            | 300
2023-12-22T23:59  activity T4  try_color              | 500   four-tasks=500
