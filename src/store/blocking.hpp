#pragma once

#include "store/database.hpp"

#include <future>
#include <memory>
#include <type_traits>

/// Waiting for the store, for `main`, tools and tests. Never from an actor, a store thread, or with an
/// `inline_database` whose executor this very thread runs: that waits for ever.
namespace beamline::store {

template <class F>
std::invoke_result_t<F&, transaction&> transact_blocking(database& db, F fn) {
  using outcome = std::invoke_result_t<F&, transaction&>;
  auto promise = std::make_shared<std::promise<outcome>>();
  auto future = promise->get_future();
  db.transact(std::move(fn), [promise](outcome r) { promise->set_value(std::move(r)); });
  return future.get();
}

template <class F>
std::invoke_result_t<F&, transaction&> read_blocking(database& db, F fn) {
  using outcome = std::invoke_result_t<F&, transaction&>;
  auto promise = std::make_shared<std::promise<outcome>>();
  auto future = promise->get_future();
  db.read(std::move(fn), [promise](outcome r) { promise->set_value(std::move(r)); });
  return future.get();
}

[[nodiscard]] inline result<void> migrate_blocking(database& db, std::string app, std::vector<migration> known) {
  auto promise = std::make_shared<std::promise<result<void>>>();
  auto future = promise->get_future();
  db.migrate(std::move(app), std::move(known), [promise](result<void> r) { promise->set_value(std::move(r)); });
  return future.get();
}

}  // namespace beamline::store
