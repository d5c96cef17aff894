#pragma once

#include "web/live/assign.hpp"
#include "web/live/component.hpp"
#include "web/live/component_socket.hpp"
#include "web/live/render_context.hpp"
#include "web/live/stream.hpp"

#include <string>
#include <vector>

/// The pages whose messages were captured between the npm client and the server that it was made for.
namespace captured {

namespace live = beamline::web::live;

struct counter {
  struct assigns {
    live::assign<int> count{0};
  };
};

struct row {
  int id = 0;
  std::string text;
  int version = 1;

  friend bool operator==(const row&, const row&) = default;
};

struct rows_page {
  struct assigns {
    live::assign<std::vector<row>> rows;
  };
};

struct item {
  int id = 0;
  std::string text;
};

struct items_page {
  struct assigns {
    live::stream<item> items{"items"};
  };
};

struct leaves_page {
  struct assigns {
    live::assign<std::vector<std::string>> names{std::vector<std::string>{"a", "b"}};
    live::assign<std::string> label{std::string{"L"}};
  };
};

class leaf final : public live::component {
public:
  struct attrs {
    std::string name;
    std::string label;
  };
  struct assigns {
    live::assign<std::string> name;
    live::assign<std::string> label;
    live::assign<int> bumps{0};
    live::assign<bool> has_inner{false};
  };
  void update(const attrs& a, live::component_socket&) {
    state.name = a.name;
    state.label = a.label;
  }
  [[nodiscard]] live::rendered render(live::render_context& c) const override;

  assigns state;
};

}  // namespace captured
