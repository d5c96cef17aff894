#pragma once

#include "net/discovery/source.hpp"

#include <string>
#include <utility>
#include <vector>

namespace beamline::net {

/// The addresses of the configuration: always there, hence tried for ever.
class static_source final : public discovery_source {
public:
  explicit static_source(const std::vector<endpoint>& peers);

  [[nodiscard]] const std::string& label() const override { return label_; }
  void resolve(on_answer done) override { done(answer_); }

private:
  std::string label_ = "peers";
  source_answer answer_;
};

/// What linked peers tell of others that this node is not linked with (D33). Each answer has what was told since the
/// one before.
class hint_source final : public discovery_source {
public:
  // Told between two answers; the answer leaves out further ones, whoever heard of them at once knows them.
  static constexpr std::size_t pending_max = 256;

  /// Returns what was told as proposals.
  std::vector<proposal> told(const std::vector<links::hint>& hints);

  [[nodiscard]] const std::string& label() const override { return label_; }
  void resolve(on_answer done) override;

private:
  std::string label_ = "hints";
  source_answer pending_{.what = source_answer::kind::nobody};
};

}  // namespace beamline::net
