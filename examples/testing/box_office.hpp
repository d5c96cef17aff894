#pragma once

// What docs/testing.md tests: a box office sells tickets and writes them into a ledger.

#include "actors/process.hpp"

#include <set>
#include <utility>

namespace box_office {

using namespace std::chrono_literals;

using beamline::behavior;
using beamline::pid;
using beamline::process;
using beamline::process_context;

// -- what they tell each other ------------------------------------------------------

struct buy {};  // A call; answered with the number of the ticket, an int.
struct sold {
  int ticket;
};
struct is_sold {  // A call; answered with a bool.
  int ticket;
};

/// Knows which tickets were sold.
class ledger final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const sold& m) { tickets_.insert(m.ticket); },
                    [this](const is_sold& m) { return tickets_.contains(m.ticket); });
  }

private:
  std::set<int> tickets_;
};

/// What the office does first when a ticket is bought. One of the two is a race.
enum class habit { answer_first, book_first };

class office final : public process {
public:
  office(process_context& c, pid ledger, habit h) : process{c}, ledger_{std::move(ledger)}, habit_{h} {}
  behavior init() override {
    return handlers([this](const buy&) -> deferred {
      auto customer = promise<int>();
      const int ticket = ++last_;
      if (habit_ == habit::answer_first) {
        customer.set(ticket);
        cast(ledger_, sold{ticket});
      } else {
        cast(ledger_, sold{ticket});
        customer.set(ticket);
      }
      return customer;
    });
  }

private:
  pid ledger_;
  habit habit_;
  int last_ = 0;
};

/// Buys a ticket and looks it up at once.
class customer final : public process {
public:
  customer(process_context& c, pid office, pid ledger, bool& is_content)
      : process{c}, office_{std::move(office)}, ledger_{std::move(ledger)}, is_content_{is_content} {}
  behavior init() override {
    auto give_up = [](const beamline::call_error&) {};
    call<int>(office_, buy{}, 1s)
        .then(
            [this, give_up](int ticket) {
              call<bool>(ledger_, is_sold{ticket}, 1s).then([this](bool found) { is_content_ = found; }, give_up);
            },
            give_up);
    return handlers();
  }

private:
  pid office_, ledger_;
  bool& is_content_;
};

}  // namespace box_office
