#pragma once

#include "base/metrics.hpp"
#include "base/telemetry.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Metrics that follow telemetry events. Each call attaches one handler; the registry must outlive the handle.
///
///   handles.push_back(metrics::count<request_done>(
///       events, r.counters("beamline_web_requests_total", "Requests answered", {"route", "status"})));
///   handles.push_back(metrics::observe(events, &request_done::took,
///       r.histograms("beamline_web_request_seconds", "Time to answer", metrics::latency_seconds)));
///
/// A family's labels are filled from the event's fields of the same names, as `to_text` writes them; a field
/// the event does not have gives an empty value. Families without labels cost one atomic per event.
namespace beamline::metrics {

namespace detail {

/// Finds the series of `f` that an event belongs to.
template <class M>
class series_of {
public:
  explicit series_of(family<M> f) : family_{f}, names_{f.label_names()} {
    if (names_.empty())
      only_ = &family_.with({});
  }

  template <telemetry_event E>
  M& operator()(const E& event) const {
    if (only_)
      return *only_;
    auto texts = std::vector<std::string>(names_.size());
    event.for_each_field([&](std::string_view key, const auto& value) {
      for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i] == key)
          texts[i] = to_text(to_event_value(value));
    });
    const auto values = std::vector<std::string_view>{texts.begin(), texts.end()};
    return family_.with(values);
  }

private:
  family<M> family_;
  std::vector<std::string> names_;
  M* only_ = nullptr;  // The one series of a family without labels.
};

/// A field as a number; durations in seconds.
template <class T>
double as_number(const T& value) {
  if constexpr (std::is_arithmetic_v<T>)
    return static_cast<double>(value);
  else
    return std::chrono::duration<double>(value).count();
}

}  // namespace detail

/// Adds one per event.
template <telemetry_event E>
[[nodiscard]] telemetry::handle count(telemetry& t, family<counter> into) {
  return t.attach<E>([series = detail::series_of{into}](const E& e) { series(e).inc(); });
}

/// Adds what a field holds, which must not be negative.
template <telemetry_event E, std::unsigned_integral Field>
[[nodiscard]] telemetry::handle sum(telemetry& t, Field E::*field, family<counter> into) {
  return t.attach<E>([series = detail::series_of{into}, field](const E& e) { series(e).inc(e.*field); });
}

/// Keeps the last value of a field.
template <telemetry_event E, class Field>
[[nodiscard]] telemetry::handle last(telemetry& t, Field E::*field, family<gauge> into) {
  return t.attach<E>(
      [series = detail::series_of{into}, field](const E& e) { series(e).set(detail::as_number(e.*field)); });
}

/// Observes a field, a duration in seconds.
template <telemetry_event E, class Field>
[[nodiscard]] telemetry::handle observe(telemetry& t, Field E::*field, family<histogram> into) {
  return t.attach<E>(
      [series = detail::series_of{into}, field](const E& e) { series(e).observe(detail::as_number(e.*field)); });
}

}  // namespace beamline::metrics
