#pragma once

#include "web/live/assign.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <string>
#include <vector>

namespace beamline::interop {

namespace live = web::live;

struct line {
  int id = 0;
  std::string text;
};

/// /board: a stream, a list with keys, live components, and a nested view.
class board final : public live::view {
public:
  struct assigns {
    live::stream<line> lines{"lines"};
    live::assign<std::vector<std::string>> names{std::vector<std::string>{"ann", "bob", "cid"}};
    live::assign<std::vector<std::string>> leaves{std::vector<std::string>{"a", "b"}};
    live::assign<std::string> label{std::string{"leaf"}};
    live::assign<bool> has_child{true};
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override { return "Board"; }

private:
  // False: no such step.
  bool change_lines(const std::string& step);
  bool change_rest(const std::string& step);

  assigns assigns_;
};

}  // namespace beamline::interop
