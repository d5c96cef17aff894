#include "store/checked_transaction.hpp"

#include "store/sql_text.hpp"

#include <exception>

#include <fmt/format.h>

namespace beamline::store {

result<void> checked_transaction::execute(std::string_view sql, parameters values) {
  auto done = run_unless_doomed(sql, values, {});
  if (done)
    changes_ = last_changes();
  return done;
}

result<void> checked_transaction::query(std::string_view sql, parameters values,
                                        const std::function<void(const row&)>& each) {
  return run_unless_doomed(sql, values, each);
}

result<void> checked_transaction::outcome(result<void> returned) const {
  return first_ ? result<void>{*first_} : std::move(returned);
}

result<void> checked_transaction::run_unless_doomed(std::string_view sql, parameters values, const row_visitor& each) {
  // Never run a statement after a failed one: SQLite may have given up the whole transaction, and it would be
  // committed on the spot; PostgreSQL refuses it with a message that hides the first one.
  if (first_)
    return *first_;
  auto done = check_text(sql, values);
  if (done)
    done = run(sql, values, each);
  if (!done && !first_)
    first_ = done.error();
  return done;
}

result<void> call(const database::work& fn, checked_transaction& tx) {
  try {
    return tx.outcome(fn(tx));
  } catch (const std::exception& e) {
    return error{errc::invalid, fmt::format("the transaction's function threw: {}", e.what())};
  } catch (...) {
    return error{errc::invalid, "the transaction's function threw something that is not a std::exception"};
  }
}

}  // namespace beamline::store
