#pragma once

#include "testing/live/client_model.hpp"  // Moved into the testing kit.
