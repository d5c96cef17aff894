#include "sim/toy/schema.hpp"

#include "store/database.hpp"

namespace beamline::toy {

namespace {

constexpr std::string_view create_sql = R"sql(
CREATE TABLE outbox (
  event  INTEGER PRIMARY KEY,
  target TEXT NOT NULL,
  amount INTEGER NOT NULL
);
CREATE TABLE lives (
  name  TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL
);
CREATE TABLE seen (
  origin TEXT NOT NULL,
  event  INTEGER NOT NULL,
  PRIMARY KEY (origin, event)
) WITHOUT ROWID;
CREATE TABLE ledger (
  origin TEXT NOT NULL,
  event  INTEGER NOT NULL,
  amount INTEGER NOT NULL
);
)sql";

}  // namespace

behavior schema_maker::init() {
  hold_start();
  env().get<store::database>().migrate("toy", {{1, "tables", create_sql}}, resume_with([this](const result<void>& r) {
                                         if (r)
                                           confirm_start();
                                         else
                                           stop(reason::custom("no tables: " + r.error().message));
                                       }));
  return handlers();
}

}  // namespace beamline::toy
