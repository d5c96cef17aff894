#pragma once

#include "store/database.hpp"

#include <optional>

namespace beamline::store {

/// The rules of `transaction` that are the same for every back end: texts are checked, and the first statement that
/// fails dooms the transaction. A back end says how a statement is run.
class checked_transaction : public transaction {
public:
  result<void> execute(std::string_view sql, parameters values) final;
  [[nodiscard]] std::int64_t changes() const final { return changes_; }
  result<void> query(std::string_view sql, parameters values, const std::function<void(const row&)>& each) final;

  /// The outcome of a function that was given this transaction, knowing what it returned.
  [[nodiscard]] result<void> outcome(result<void> returned) const;

protected:
  using row_visitor = std::function<void(const row&)>;

  /// Runs one statement; `each` may be empty, and what it throws passes through.
  virtual result<void> run(std::string_view sql, parameters values, const row_visitor& each) = 0;
  /// Rows changed by the last statement.
  [[nodiscard]] virtual std::int64_t last_changes() const = 0;

private:
  result<void> run_unless_doomed(std::string_view sql, parameters values, const row_visitor& each);

  std::int64_t changes_ = 0;
  std::optional<error> first_;  // The first failed statement.
};

/// Calls the function with its transaction; what it throws becomes an `invalid` error.
[[nodiscard]] result<void> call(const database::work& fn, checked_transaction& tx);

}  // namespace beamline::store
