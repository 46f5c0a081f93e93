"""The peer's model: item-to-item cosine over the users' purchases, 100 neighbours each, held in NumPy arrays.

build() is run once, before the servers start, and writes one file; every server process reads it. The answer is the sum of the
history's rows, the items of the history taken out, filled up by popularity: the same kind of work that Palate does for a request.
"""
import json

import numpy as np

NEIGHBOURS = 100


def build(items, events, path):
    """items: list of {id, name, metadata}; events: iterable of (user, item); path: .npz to write."""
    index = {item["id"]: number for number, item in enumerate(items)}
    users = {}
    pairs = {(users.setdefault(user, len(users)), index[item]) for user, item in events if item in index}
    bought = np.zeros((len(users), len(items)), dtype=np.float32)
    bought[tuple(np.array(sorted(pairs)).T)] = 1
    popularity = bought.sum(axis=0)
    bought /= np.maximum(np.sqrt(popularity), 1)
    cosine = bought.T @ bought
    np.fill_diagonal(cosine, 0)
    targets = np.argsort(-cosine, axis=1, kind="stable")[:, :NEIGHBOURS].astype(np.int32)
    weights = np.take_along_axis(cosine, targets, axis=1)
    texts = np.array([json.dumps(item, separators=(",", ":")) for item in items])
    np.savez(path, targets=targets, weights=weights, popularity=popularity, texts=texts)


class Model:
    def __init__(self, path):
        with np.load(path) as file:
            self.targets, self.weights = file["targets"], file["weights"]
            self.popularity = file["popularity"] / (1e6 * max(float(file["popularity"].max()), 1.0))
            self.items = [json.loads(text) for text in file["texts"].tolist()]
        self.index = {item["id"]: number for number, item in enumerate(self.items)}
        self.categories = np.array([str(item["metadata"].get("category")) for item in self.items])
        self.prices = np.array([float(item["metadata"].get("price") or 0) for item in self.items])
        draw = np.random.default_rng(1)
        self.vectors = [[round(value, 4) for value in row] for row in draw.random((len(self.items), 64)).tolist()]

    def recommend(self, history, limit, preferred=None):
        """history: list of (item id, weight), newest first. Returns [(item, score, number)], best first."""
        known = [(self.index[item], weight) for item, weight in history if item in self.index]
        scores = self.popularity.copy()
        if known:
            numbers = np.fromiter((number for number, _ in known), np.int64, len(known))
            factors = np.fromiter((weight for _, weight in known), np.float32, len(known))
            scores += np.bincount(self.targets[numbers].ravel(), (self.weights[numbers] * factors[:, None]).ravel(), len(scores))
            scores[numbers] = -1
        if preferred is not None:
            scores[preferred] += 1000
        best = np.argpartition(-scores, limit)[:limit]
        best = best[np.argsort(-scores[best], kind="stable")]
        return [(self.items[number], float(scores[number]), number) for number in best.tolist()]

    def preferred(self, categories, minimum, maximum):
        if not categories and minimum is None and maximum is None:
            return None
        mask = np.ones(len(self.items), dtype=bool)
        if categories:
            mask &= np.isin(self.categories, categories)
        if minimum is not None:
            mask &= self.prices >= minimum
        if maximum is not None:
            mask &= self.prices <= maximum
        return mask
