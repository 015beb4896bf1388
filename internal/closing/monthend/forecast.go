package monthend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/forecast"
	"splameter/internal/month"
	"splameter/internal/store"
)

// Forecast counts a month that runs as it stands, and as it will be if nothing
// changes.
func Forecast(ctx context.Context, st store.Store, s *Setup, m month.Month, opt Options) (*forecast.Forecast, error) {
	soFar, earlier, err := Compute(ctx, st, s, m, opt)
	if err != nil {
		return nil, fmt.Errorf("forecast %s: %w", m, err)
	}
	facts, err := st.Facts(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("forecast %s: %w", m, err)
	}
	before, err := st.Facts(ctx, m.Add(-1))
	if err != nil {
		return nil, fmt.Errorf("forecast %s: %w", m, err)
	}
	ahead, err := s.Evaluate(ctx, forecast.Carry(facts, before), earlier, opt)
	if err != nil {
		return nil, fmt.Errorf("forecast %s: %w", m, err)
	}
	return forecast.Make(forecast.Input{Month: m, SoFar: soFar, Ahead: ahead, Jump: s.Config.Checks.QuantityJump}), nil
}

// ForecastPath is where in the month's folder its forecast is.
func (s *Setup) ForecastPath(m month.Month) string {
	return filepath.Join(s.Dir(m, false), "forecast-"+m.String()+".json")
}

// PutForecast writes a forecast into the month's folder.
func (s *Setup) PutForecast(m month.Month, f *forecast.Forecast) error {
	b, err := json.MarshalIndent(f, "", " ")
	if err == nil {
		err = atomicfile.WriteBytes(s.ForecastPath(m), atomicfile.Normal, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the forecast of %s: %w", m, err)
	}
	return nil
}

// LastForecast is the forecast that was made of a month last; nil where none
// was.
func (s *Setup) LastForecast(m month.Month) (*forecast.Forecast, error) {
	b, err := os.ReadFile(s.ForecastPath(m))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f forecast.Forecast
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", s.ForecastPath(m), err)
	}
	return &f, nil
}
