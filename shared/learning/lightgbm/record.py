"""Writes recorded.json: a model that LightGBM learns from generated rows, and what it says of some of them.

pip install lightgbm==4.7.0 numpy==2.4.6; python record.py
"""

import json
import pathlib

import lightgbm
import numpy

random = numpy.random.default_rng(7)
rows = 4000
table = numpy.column_stack(
    [
        random.normal(size=rows),
        random.integers(0, 12, rows).astype(float),
        random.exponential(size=rows),
        random.integers(0, 5, rows).astype(float),
    ]
)
margin = (
    table[:, 0] * 1.2
    + numpy.where(numpy.isin(table[:, 1], [2, 5, 7]), 1.5, -0.5)
    + numpy.sin(3 * table[:, 2]) * table[:, 0]
    + 0.3 * table[:, 3]
)
table[random.random(rows) < 0.15, 0] = numpy.nan
table[random.random(rows) < 0.1, 1] = numpy.nan
labels = (random.random(rows) < 1 / (1 + numpy.exp(-margin + 0.4))).astype(int)

model = lightgbm.train(
    {
        "objective": "binary",
        "num_leaves": 12,
        "learning_rate": 0.15,
        "min_data_per_group": 20,
        "num_threads": 1,
        "deterministic": True,
        "seed": 1,
        "verbose": -1,
    },
    lightgbm.Dataset(table, labels, categorical_feature=[1], feature_name=["a", "b", "c", "d"]),
    15,
)

asked = table[:60].copy()
asked[0, 1] = 99  # a category of another day
asked[1, :] = numpy.nan
dump = model.dump_model()
for unused in ("feature_importances", "pandas_categorical"):
    dump.pop(unused, None)
recorded = {
    "made": f"by record.py, with LightGBM {lightgbm.__version__}",
    "dump": dump,
    "rows": [[None if numpy.isnan(cell) else float(cell) for cell in row] for row in asked],
    "probabilities": model.predict(asked).tolist(),
    "contributions": model.predict(asked, pred_contrib=True).tolist(),
}
pathlib.Path(__file__).with_name("recorded.json").write_text(json.dumps(recorded))
