#pragma once

#include "supervision/child_spec.hpp"
#include "supervision/server.hpp"

#include <any>
#include <functional>
#include <utility>

namespace beamline::supervision::workers {

/// A server around a value; functions run inside it (S165). The example of the same name says more.
template <class T>
class agent : public server {
public:
  /// Answers what the function returns, as std::any.
  struct get_and_update {
    std::function<std::any(T&)> run;
  };
  struct update {
    std::function<void(T&)> run;
  };

  explicit agent(process_context& c, std::function<T()> first) : server{c}, first_{std::move(first)} {}

  static child_spec child_spec_for(std::function<T()> first) { return child<agent>("agent", std::move(first)); }

  start_result on_init() override {
    value_ = first_();
    return handlers([this](const get_and_update& m) { return m.run(value_); },
                    [this](const update& m) { m.run(value_); });
  }

private:
  std::function<T()> first_;
  T value_{};
};

}  // namespace beamline::supervision::workers
